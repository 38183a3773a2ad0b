import t from 'tap';
import type { PanelRequest } from '../../services/dashboard-cache-service.js';
import { tenantFromParameter } from '../../services/definitions/tenant.js';
import { panelRead } from '../../services/panel-read.js';
import { type ReadyRead, ReadyReads } from '../../services/ready-reads.js';
import { integerParameter, panelOf, parametersOf, resolved } from '../helpers/cache-panels.js';

const limit = integerParameter('limit');
const seven = tenantFromParameter('7');
const TABLES = ['tasks'];

function given() {
  const reads = new ReadyReads();
  let madeCount = 0;
  const of = (request: PanelRequest, tables: readonly string[] = TABLES) =>
    reads.of(request, tables, () => {
      madeCount++;
      const read = panelRead(request.panel, request.parameters, request.tenant);
      // Who makes them is not asked what they are.
      return { read, tables } as ReadyRead;
    });
  return { of, madeCount: () => madeCount };
}

t.test('given the same parameters, panel and tenant, made once', async (t) => {
  const { of, madeCount } = given();
  const request = {
    panel: panelOf({ parameters: [limit] }),
    parameters: parametersOf(resolved(limit, 10)),
    tenant: seven,
  };
  const first = of(request);
  t.equal(
    of({ ...request, tenant: tenantFromParameter('7') }),
    first,
    'it is the text of a tenant that counts',
  );
  t.equal(madeCount(), 1);
});

t.test('given another panel, parameters, tenant or tables, made anew', async (t) => {
  const { of } = given();
  const parameters = parametersOf(resolved(limit, 10));
  const request = { panel: panelOf({ parameters: [limit] }), parameters, tenant: seven };
  const first = of(request);
  const panel = panelOf({ parameters: [limit] });
  t.equal(of({ ...request, panel }).read.panel, panel);
  t.equal(of(request), first, 'beside the other');
  t.not(of({ ...request, parameters: parametersOf(resolved(limit, 10)) }), first);
  const eight = tenantFromParameter('8');
  t.equal(of({ ...request, tenant: eight }).read.tenant, eight, 'never the read of another tenant');
  t.equal(of(request).read.tenant, seven);
  t.same(of(request, ['tasks', 'sites']).tables, ['tasks', 'sites']);
});
