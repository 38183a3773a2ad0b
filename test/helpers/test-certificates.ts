import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface TestCertificates {
  /** Of the authority that signed the other two; what a client has to trust. */
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

const NAMES = 'IP:127.0.0.1,DNS:localhost';

/**
 * Makes, in that folder, an authority and a certificate for a day, by default for 127.0.0.1 and localhost; null where there is no
 * openssl. `names` as in subjectAltName.
 */
export function makeTestCertificates(folder: string, names = NAMES): TestCertificates | null {
  const [caFile, certificateFile, keyFile] = ['ca.pem', 'server.pem', 'server.key'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const caKeyFile = join(folder, 'ca.key');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const authority = ['-subj', '/CN=Authority of a test', '-keyout', caKeyFile, '-out', caFile];
  const server = ['-subj', '/CN=localhost', '-keyout', keyFile, '-out', certificateFile];
  const alternatives = ['-addext', `subjectAltName=${names}`];
  try {
    openssl(['req', '-x509', ...newKey, ...authority]);
    openssl(['req', '-x509', ...newKey, ...server, ...alternatives, '-CA', caFile, '-CAkey', caKeyFile]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  return { caFile, certificateFile, keyFile };
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
