import t from 'tap';
import { sourceContract } from '../../../contracts/source-contract.js';
import { sqlSourceContract } from '../../../contracts/sql-source-contract.js';
import { freePort } from '../../../helpers/free-port.js';
import { startPostgres } from '../../../helpers/postgres-server.js';
import { serverBins } from './postgres-fixture.js';
import { postgresHarness } from './postgres-harness.js';
import { writeTables } from './postgres-values.js';

for (const { title, ...bin } of serverBins()) {
  t.test(title, async (t) => {
    const server = await startPostgres(bin);
    t.after(() => server.stop());
    await writeTables(server);
    const absentUrl = server.url.replace(String(server.port), String(await freePort()));
    const harness = postgresHarness(server, { absentUrl });
    sourceContract(t, harness);
    sqlSourceContract(t, harness);
  });
}
