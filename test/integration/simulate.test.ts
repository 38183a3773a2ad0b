import t from 'tap';
import { bursts, screens, type Trial, testPrediction } from './support/simulated-loads.js';

const minute: Trial = { tried: [{ key: 'ttlMs', panels: null, ms: 60_000 }] };

for (const load of [screens, bursts]) {
  testPrediction(t, 'a ttl of 10 min', load, [{ defaults: 'ttl: 10m, grace: 10m,' }, {}, minute]);
  testPrediction(t, 'a ttl of 1 min', load, [{ defaults: 'ttl: 1m, grace: 10m,' }, minute, {}]);
}
