import { isScalar, type Node } from 'yaml';
import type { FaultList } from './fault-list.js';
import type { Statement } from './model.js';
import { rememberStatement, statementTextSpot } from './origins.js';
import { StatementFault } from './statement-tokens.js';
import type { YamlFile } from './yaml-file.js';

/** Parses the SQL or the path that a node holds and remembers where it stands; null after a fault. */
export function readStatement(
  origin: { file: YamlFile; node: Node },
  faults: FaultList,
  parse: (text: string) => Statement,
): Statement | null {
  const node = origin.file.resolve(origin.node);
  if (!isScalar(node) || typeof node.value !== 'string') return null;
  try {
    const statement = parse(node.value);
    rememberStatement(statement, origin.file, node);
    return statement;
  } catch (error) {
    if (!(error instanceof StatementFault)) throw error;
    const spot = statementTextSpot({ file: origin.file, node }, error.offset, error.lengthCount);
    faults.add(spot, error.message, error.hint);
    return null;
  }
}
