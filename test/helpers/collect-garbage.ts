import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options?: { type: 'minor' }) => void;

/** Collects all garbage of this process, or only that of the young generation of its heap. */
export function collectGarbage({ onlyYoung = false }: { onlyYoung?: boolean } = {}): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  if (onlyYoung) collect({ type: 'minor' });
  else collect();
}
