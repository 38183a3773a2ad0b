import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { clusterOf, sentinelsOf } from './redis-topology.js';

/** Turns the text of a variable into its value, or gives undefined when it cannot be read as one. */
export type ReadSetting = (text: string) => unknown;

const BYTE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};
const TRUE_WORDS = new Set(['true', '1', 'yes', 'on']);
const FALSE_WORDS = new Set(['false', '0', 'no', 'off']);
const PROXY_NAMES = new Set(['loopback', 'linklocal', 'uniquelocal']);

export const readText: ReadSetting = (text) => text;

/** What can stand behind `Bearer` in a header. */
export const readToken: ReadSetting = (text) => (/^[\x21-\x7e]{1,1024}$/.test(text) ? text : undefined);

export const readPath: ReadSetting = (text) => (text.includes('\0') ? undefined : resolve(text));

export const readInteger: ReadSetting = (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);

/** Whole seconds in, ms out. */
export const readSeconds: ReadSetting = (text) => (/^\d{1,9}$/.test(text) ? Number(text) * 1000 : undefined);

export const readSwitch: ReadSetting = (text) => {
  const word = text.toLowerCase();
  return TRUE_WORDS.has(word) ? true : FALSE_WORDS.has(word) ? false : undefined;
};

/** `268435456`, `256MiB`, `100 MB`, `1.5GiB`. */
export const readBytes: ReadSetting = (text) => {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([A-Za-z]{1,3})?$/.exec(text);
  if (!match) return undefined;
  const factor = BYTE_UNITS[(match[2] ?? 'B').toUpperCase()];
  const bytes = Number(match[1]) * (factor ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
};

/** '' for the root, else '/x' without a slash at its end. */
export const readBasePath: ReadSetting = (text) => {
  const path = text.replace(/\/+$/, '');
  return path === '' || /^(?:\/[A-Za-z0-9._~-]+)+$/.test(path) ? path : undefined;
};

export const readHost: ReadSetting = (text) =>
  isIP(text) !== 0 || /^(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*$/.test(text) ? text : undefined;

/** true, false, a number of hops, or addresses and networks: what Fastify's trustProxy takes. */
export const readTrustProxy: ReadSetting = (text) => {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  const word = text.toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  const networks = splitList(text);
  return networks.length > 0 && networks.every(isNetwork) ? networks.join(',') : undefined;
};

/** Exact origins only: a wildcard would let every website read the dashboards of its visitors. */
export const readOrigins: ReadSetting = (text) => {
  const origins = splitList(text);
  return origins.every(isOrigin) ? Object.freeze(origins) : undefined;
};

export const readRedisUrl: ReadSetting = (text) => {
  const url = readUrl(text, ['redis:', 'rediss:']);
  return url && /^\/?\d{0,4}$/.test(url.pathname) ? text : undefined;
};

export const readRedisSentinels: ReadSetting = (text) => (sentinelsOf(text) ? text : undefined);

export const readRedisCluster: ReadSetting = (text) => (clusterOf(text) ? text : undefined);

const WINDOWS_MS: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: 3_600_000 };

/** `600/min`: so many in any time of that length. */
export const readRate: ReadSetting = (text) => {
  const [, count, unit = ''] = /^(\d{1,9}) ?\/ ?(s|min|h)$/.exec(text) ?? [];
  const windowMs = WINDOWS_MS[unit];
  return windowMs === undefined ? undefined : { maxCount: Number(count), windowMs };
};

/** A public key as openssl writes it; where there are no lines, \n stands for their ends. */
export const readPem: ReadSetting = (text) => {
  const pem = text.replaceAll('\\n', '\n').trim();
  return /^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----$/.test(pem)
    ? pem
    : undefined;
};

export const readHttpUrl: ReadSetting = (text) => (readUrl(text, ['http:', 'https:']) ? text : undefined);

function readUrl(text: string, protocols: readonly string[]): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return protocols.includes(url.protocol) && url.hostname !== '' ? url : null;
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isNetwork(text: string): boolean {
  if (PROXY_NAMES.has(text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
