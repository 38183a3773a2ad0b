import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';
import type { PostgresAddress, PostgresTls } from '../../definitions/source-definitions.js';

/**
 * What pg needs to reach a server. Certificates are read anew for each connection, so that a renewed one is used. All is said
 * here: what is left out pg would take from the environment or from files of the user.
 */
export async function clientConfig(address: PostgresAddress): Promise<ClientConfig> {
  const { host, port, user, password, database, applicationName, channelBinding, tls } = address;
  return {
    host,
    port,
    user,
    database,
    // An empty text would be looked for elsewhere.
    password: () => password,
    application_name: applicationName,
    enableChannelBinding: channelBinding,
    keepAlive: true,
    ssl: tls && (await tlsOptions(tls)),
    sslnegotiation: 'postgres',
  } as ClientConfig;
}

async function tlsOptions({ verify, caFile, certFile, keyFile }: PostgresTls): Promise<ConnectionOptions> {
  const [ca, cert, key] = await Promise.all(
    [caFile, certFile, keyFile].map((path) => path && readFile(path)),
  );
  return {
    rejectUnauthorized: verify !== 'nothing',
    ...(verify === 'authority' && { checkServerIdentity: () => undefined }),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  };
}
