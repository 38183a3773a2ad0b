import t from 'tap';
import { compareReplicas, type ReplicaSaid } from '../../../services/audit/compare-replicas.js';
import type { ExplainedEntry } from '../../../services/explain/entries-schema.js';
import { sampleCopy, sampleEntry } from '../../cli/support/sample-entries.js';
import { lookAt } from './some-evidence.js';

const { key } = sampleEntry();

function said(replica: string, entry: Partial<ExplainedEntry> = {}, text = 'body'): ReplicaSaid {
  return { replica, answer: { etag: 'e', text }, looks: [lookAt(0, entry)] };
}

function kindsOf(...all: ReplicaSaid[]): string[] {
  return compareReplicas(all).map(({ replica, fault }) => `${replica}: ${fault.kind}`);
}

t.test('replicas that agree', async (t) => {
  t.same(kindsOf(said('a'), said('b'), said('c')), []);
  t.same(kindsOf(said('a', { l1: null, l2: null }), { ...said('b'), answer: null }), []);
  t.same(kindsOf(), []);
});

t.test('another key for the same question', async (t) => {
  t.same(kindsOf(said('a'), said('b', { key: { ...key, hash: 'other' } }), said('c')), ['b: keys_differ']);
});

t.test('two contents of one load', async (t) => {
  const other = { l1: sampleCopy({ etag: 'other' }) };
  t.same(kindsOf(said('a'), said('b', { ...other, l2: null })), ['b: etags_differ']);
  t.same(kindsOf(said('a', other)), ['a: etags_differ'], 'in memory and in Redis of one');
  const later = { ...other.l1, stored_at: '2026-11-25T08:00:00.001Z' };
  t.same(kindsOf(said('a'), said('b', { l1: later, l2: null })), [], 'of two loads');
  const alone = { ...other, l2: null, key: { ...key, redis_key: null } };
  t.same(kindsOf(said('a'), said('b', alone)), [], 'without Redis, each loads for itself');
});

t.test('one ETag for two bodies', async (t) => {
  t.same(kindsOf(said('a'), said('b', {}, 'another body')), ['b: etag_shared']);
  const moved = { ...said('b'), answer: { etag: 'f', text: 'another body' } };
  t.same(kindsOf(said('a'), moved), []);
});
