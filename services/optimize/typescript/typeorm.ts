import { unwrapped } from '../existence.js';
import type { Proposal } from '../finding.js';
import type { SyntaxNode } from '../syntax.js';
import { heritageOf, isGetRepository, type KnownNames } from './known-names.js';
import { argumentsOf, keysOf } from './object-literal.js';
import { methodOf } from './typescript-checks.js';

const COUNTERPARTS: Readonly<Record<string, string>> = {
  count: 'exists',
  countBy: 'existsBy',
  getCount: 'getExists',
};

/** Options that mean the same for both: `count` drops skip, take and order, `exists` does not. */
const SAME_OPTIONS = /^(where|relations|withDeleted|comment)$/;
/** Likewise steps of a query builder: `getCount` drops groupBy, limit, offset, and what is selected. */
const SAME_STEPS =
  /^(where|andWhere|orWhere|whereInIds|andWhereInIds|orWhereInIds|innerJoin|leftJoin|innerJoinAndSelect|leftJoinAndSelect|setParameter|setParameters|withDeleted|comment|createQueryBuilder)$/;

/** What has a `this` of its own; an arrow function has not. */
const OWN_THIS =
  /^(method_definition|public_field_definition|function_expression|function_declaration|generator_function|generator_function_declaration|class_static_block)$/;

export interface TypeOrmFile {
  readonly names: KnownNames;
  /** Whether the file imports TypeORM: only then words such as `Repository` are its own. */
  readonly isImported: boolean;
  /** Why what is installed may have no `exists`; null where it has. */
  readonly tooOld: string | null;
}

/** Its method that asks for existence in the place of the one that counts. */
export function typeOrmProposal(call: SyntaxNode, file: TypeOrmFile): Proposal {
  const callee = call.field('function');
  const receiver = callee?.field('object');
  const name = callee?.field('property');
  const counterpart = COUNTERPARTS[methodOf(call)];
  if (!receiver || !name || counterpart === undefined || !file.isImported) return null;
  const doubt =
    methodOf(call) === 'getCount' ? doubtOfBuilder(receiver) : doubtOfOptions(call, receiver, file.names);
  if (doubt === 'not its own') return null;
  if (doubt !== null) return { reason: doubt };
  if (file.tooOld !== null) return { reason: file.tooOld };
  const { start, end } = name.range();
  return { orm: 'TypeORM', edits: [{ startOffset: start.index, endOffset: end.index, text: counterpart }] };
}

/** Why the chain of a query builder is left; null where nothing speaks against it. */
function doubtOfBuilder(receiver: SyntaxNode): string | 'not its own' | null {
  let node = unwrapped(receiver);
  let step = methodOf(node);
  while (node.is('call_expression')) {
    if (!SAME_STEPS.test(step)) return `\`${step}\` means something else for getExists than for getCount`;
    if (step === 'createQueryBuilder') return null;
    node = unwrapped(node.field('function')?.field('object') ?? node);
    step = methodOf(node);
  }
  return 'the query is not built here, so it may group, limit or select';
}

function doubtOfOptions(
  call: SyntaxNode,
  receiver: SyntaxNode,
  names: KnownNames,
): string | 'not its own' | null {
  const given = argumentsOf(call);
  const kind = kindOfReceiver(receiver, names);
  if (!given || kind === null) return 'not its own';
  const options = kind === 'manager' ? given.slice(1) : given;
  if (kind === 'manager' && given.length === 0) return 'not its own';
  // `countBy` takes conditions and nothing else.
  if (methodOf(call) === 'countBy')
    return options.length === 1 ? null : 'it is not given exactly its conditions';
  const [object, ...others] = options;
  if (!object) return null;
  const keys = others.length === 0 && object.is('object') ? keysOf(object) : null;
  if (!keys) return 'its options are not written out here, so they may skip, take or order';
  const other = [...keys].find((key) => !SAME_OPTIONS.test(key));
  return other === undefined ? null : `\`${other}\` means something else for exists than for count`;
}

function kindOfReceiver(receiver: SyntaxNode, names: KnownNames): 'repository' | 'manager' | null {
  const node = unwrapped(receiver);
  if (isGetRepository(node)) return 'repository';
  if (node.is('this')) return isOwnRepository(node) ? 'repository' : null;
  const kind = names.kindOf(node);
  if (kind === 'repository' || kind === 'entity') return 'repository';
  if (kind === 'manager') return 'manager';
  if (!node.is('member_expression') || node.field('property')?.text() !== 'manager') return null;
  const owner = names.kindOf(node.field('object') ?? node);
  return owner === 'data source' || owner === 'repository' ? 'manager' : null;
}

/** Within a class that extends Repository and says nothing of its own about either method. */
function isOwnRepository(self: SyntaxNode): boolean {
  const owner = self.ancestors().find((ancestor) => OWN_THIS.test(String(ancestor.kind())));
  const body = owner?.parent();
  const declaration = body?.is('class_body') ? body.parent() : null;
  if (!body || !declaration || !/\bextends\s+(Tree)?Repository\b/.test(heritageOf(declaration))) return false;
  const methods = body.children().filter((child) => child.is('method_definition'));
  return !methods.some((method) => /^(count|exists)(By)?$/.test(method.field('name')?.text() ?? ''));
}
