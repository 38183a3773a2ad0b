import t from 'tap';
import type { Tried } from '../../services/simulate/tried-policies.js';
import { archive, bursts, screens, testPrediction } from './support/simulated-loads.js';

const MINUTE_MS = 60_000;
const minute: Tried = { key: 'ttlMs', panels: null, ms: MINUTE_MS };
const graceless: Tried = { key: 'graceMs', panels: null, ms: 0 };
const memoryMaxBytes = 1024 * 1024;
const changedAtMs = Array.from({ length: 25 }, (_, index) => (index + 1) * 7 * MINUTE_MS);
const usual = { defaults: 'ttl: 10m, grace: 10m,' };

for (const load of [screens, bursts]) {
  testPrediction(t, 'no grace', load, [
    { defaults: 'ttl: 1m, grace: 0s,' },
    { tried: [minute, graceless] },
    { tried: [minute] },
  ]);
  testPrediction(t, 'a load job', load, [{ ...usual, changedAtMs }, { changedAtMs }, {}]);
}
testPrediction(t, 'little memory', archive, [{ ...usual, memoryMaxBytes }, { memoryMaxBytes }, {}]);
