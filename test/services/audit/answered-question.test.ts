import t from 'tap';
import { answeredQuestion } from '../../../services/audit/answered-question.js';
import { tenantForOperator } from '../../../services/definitions/tenant.js';
import { type PanelRead, panelRead, renderPanel } from '../../../services/panel-read.js';
import {
  integerParameter,
  panelOf,
  parametersOf,
  resolved,
  stringParameter,
} from '../../helpers/cache-panels.js';

const site = integerParameter('site_id', { tenant: true });
const note = stringParameter('note');
const CONTENT = '"data":{"sales":12,"share":0.5},"previous":{"sales":11}';
const GENERATED_AT_MS = Date.parse('2026-11-25T08:00:00.123Z');

function readOf(tenant: number, text: string | null = null, id = 'metrics'): PanelRead {
  const parameters = parametersOf(resolved(site, tenant), resolved(note, text));
  return panelRead(panelOf({ id, parameters: [site, note] }), parameters, tenantForOperator(String(tenant)));
}

const asked = readOf(7);

function answered(text: string) {
  return answeredQuestion(asked, text, JSON.parse(text));
}

t.test('the answer to the question gives what it shows, byte for byte', async (t) => {
  t.same(answered(renderPanel(asked, CONTENT, GENERATED_AT_MS)), { content: CONTENT, fault: null });
});

t.test('in another spelling it is the same', async (t) => {
  const pretty = JSON.stringify(JSON.parse(renderPanel(asked, CONTENT, GENERATED_AT_MS)), null, 2);
  t.same(answered(pretty), { content: CONTENT, fault: null });
});

t.test('the data of another tenant', async (t) => {
  t.match(answered(renderPanel(readOf(8), CONTENT, GENERATED_AT_MS)), {
    content: null,
    fault: { kind: 'wrong_tenant', promised: 'the data of tenant 7', seen: 'the data of tenant 8' },
  });
});

t.test('the answer to another question', async (t) => {
  for (const other of [readOf(7, 'x'), readOf(7, null, 'summary')])
    t.match(answered(renderPanel(other, CONTENT, GENERATED_AT_MS)), { fault: { kind: 'wrong_question' } });
});
