import t from 'tap';
import { ownAddress } from '../../cli/own-address.js';

t.test('who listens everywhere is asked on loopback', async (t) => {
  const rest = { port: 8000, basePath: '' };
  t.equal(ownAddress({ host: '0.0.0.0', ...rest }), 'http://127.0.0.1:8000');
  t.equal(ownAddress({ host: '::', ...rest }), 'http://[::1]:8000');
});

t.test('who listens on one address is asked there, below its BASE_PATH', async (t) => {
  t.equal(ownAddress({ host: 'fd00::7', port: 80, basePath: '/dash' }), 'http://[fd00::7]:80/dash');
  t.equal(ownAddress({ host: 'localhost', port: 1, basePath: '' }), 'http://localhost:1');
});
