import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface TestCertificates {
  /** Of the authority that signed the other two; what a client has to trust. */
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Makes, in that folder, an authority and a certificate for 127.0.0.1 and localhost, for a day; null where there is no openssl. */
export function makeTestCertificates(folder: string): TestCertificates | null {
  const [caFile, certificateFile, keyFile] = ['ca.pem', 'server.pem', 'server.key'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const caKeyFile = join(folder, 'ca.key');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const authority = ['-subj', '/CN=Authority of a test', '-keyout', caKeyFile, '-out', caFile];
  const server = ['-subj', '/CN=localhost', '-keyout', keyFile, '-out', certificateFile];
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  try {
    openssl(['req', '-x509', ...newKey, ...authority]);
    openssl(['req', '-x509', ...newKey, ...server, ...names, '-CA', caFile, '-CAkey', caKeyFile]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  return { caFile, certificateFile, keyFile };
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
