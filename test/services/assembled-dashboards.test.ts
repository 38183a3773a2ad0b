import t from 'tap';
import { AssembledDashboards } from '../../services/assembled-dashboards.js';

const CONTENT = {
  dashboardId: 'operations',
  paramsJson: '{"site_id":7}',
  panelEtags: [
    ['metrics', 'a'],
    ['summary', 'b'],
  ],
} as const;

function counted(text: string) {
  const made = { count: 0, bytes: () => Buffer.from(text) };
  const assemble = () => {
    made.count++;
    return made.bytes();
  };
  return { made, assemble };
}

t.test('the same content is assembled once and keeps its codings', async (t) => {
  const dashboards = new AssembledDashboards({ maxBytes: 1024 * 1024 });
  const { made, assemble } = counted('x'.repeat(5000));
  const first = await dashboards.of(CONTENT, assemble);
  const br = await first.body.bytes('br');
  const second = await dashboards.of({ ...CONTENT }, assemble);
  t.equal(made.count, 1);
  t.equal(second, first);
  t.equal(second.body.ready('br'), br, 'nothing is compressed again');
  t.match(first.etag, /^[\w-]{27}$/);
});

t.test('another dashboard, parameter, panel or content of a panel is another body and tag', async (t) => {
  const dashboards = new AssembledDashboards({ maxBytes: 1024 * 1024 });
  const { made, assemble } = counted('x');
  const contents = [
    CONTENT,
    { ...CONTENT, dashboardId: 'other' },
    { ...CONTENT, paramsJson: '{"site_id":8}' },
    { ...CONTENT, panelEtags: [['metrics', 'a'] as const] },
    { ...CONTENT, panelEtags: [['metrics', 'a'] as const, ['summary', 'c'] as const] },
    { ...CONTENT, panelEtags: [['metrics', 'b'] as const, ['summary', 'a'] as const] },
  ];
  const etags = new Set<string>();
  for (const content of contents) etags.add((await dashboards.of(content, assemble)).etag);
  t.equal(etags.size, contents.length);
  t.equal(made.count, contents.length);
});

t.test('readers at the same time share one body', async (t) => {
  const dashboards = new AssembledDashboards({ maxBytes: 1024 * 1024 });
  const assemble = async () => Buffer.from('x'.repeat(2000));
  const [one, two] = await Promise.all([dashboards.of(CONTENT, assemble), dashboards.of(CONTENT, assemble)]);
  t.equal(one, two, 'or each would compress its own');
});

t.test(
  'it stays within its bytes: the least recently read go, and what is too large is not kept',
  async (t) => {
    const maxBytes = 20_000;
    const dashboards = new AssembledDashboards({ maxBytes });
    const { made, assemble } = counted('x'.repeat(3000));
    const content = (paramsJson: string) => ({ ...CONTENT, paramsJson });
    for (let i = 0; i < 10; i++) {
      await dashboards.of(content(String(i)), assemble);
      t.ok(dashboards.heldBytes <= maxBytes);
    }
    await dashboards.of(content('9'), assemble);
    t.equal(made.count, 10, 'the last one is still there');
    await dashboards.of(content('0'), assemble);
    t.equal(made.count, 11, 'the first one is not');

    const large = counted('x'.repeat(30_000));
    const served = await dashboards.of(content('large'), large.assemble);
    t.equal(served.body.identityBytes, 30_000);
    await dashboards.of(content('large'), large.assemble);
    t.equal(large.made.count, 2);
  },
);

t.test('bytes that cannot be had are kept for nobody', async (t) => {
  const dashboards = new AssembledDashboards({ maxBytes: 1024 * 1024 });
  await t.rejects(
    dashboards.of(CONTENT, () => Promise.reject(new Error('does not decompress'))),
    /decompress/,
  );
  const { made, assemble } = counted('x');
  await dashboards.of(CONTENT, assemble);
  t.equal(made.count, 1);
});
