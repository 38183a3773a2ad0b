import t from 'tap';
import { joinedFigures } from '../../../services/workers/joined-figures.js';

const TEXT = `# HELP reads_total Panel reads
# TYPE reads_total counter
reads_total{panel="a, \\"b\\"",outcome="hit"} 2
# HELP bytes Bytes
# TYPE bytes gauge
bytes 1.5e+3
`;

t.test('families stay together, and each sample says whose it is', async (t) => {
  const joined = joinedFigures([
    { worker: 1, text: TEXT },
    { worker: 3, text: TEXT.replace('} 2', '} 5') },
  ]);
  t.equal(
    joined,
    `# HELP reads_total Panel reads
# TYPE reads_total counter
reads_total{panel="a, \\"b\\"",outcome="hit",worker="1"} 2
reads_total{panel="a, \\"b\\"",outcome="hit",worker="3"} 5
# HELP bytes Bytes
# TYPE bytes gauge
bytes{worker="1"} 1.5e+3
bytes{worker="3"} 1.5e+3
`,
  );
});
