import {
  type Document,
  isAlias,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { DefinitionFault } from './definition-faults.js';
import type { Place } from './model.js';

/** More is no definition, but a mistake or an attack. */
const MAX_FILE_CHARS_COUNT = 1_000_000;

/** Errors that leave the rest of the file what it looks like. */
const HARMLESS: ReadonlySet<string> = new Set(['DUPLICATE_KEY', 'MULTIPLE_DOCS']);

/** Where a fault is shown: a place with the line it stands on. */
export type Spot = Pick<DefinitionFault, 'place' | 'excerpt'>;

/** One definition file: its text, its nodes with their positions, and what YAML itself found wrong with it. */
export class YamlFile {
  /** As it is named in messages. */
  readonly name: string;
  /** Absolute path of the folder it lies in: relative paths inside it are seen from here. */
  readonly folder: string;
  readonly text: string;
  readonly document: Document.Parsed;
  readonly faults: readonly DefinitionFault[];
  /** Whether its structure is plain: after an error of syntax, what else is there would be guesswork. */
  readonly isReadable: boolean;
  readonly #lines = new LineCounter();

  constructor(source: { name: string; folder: string; text: string }) {
    this.name = source.name;
    this.folder = source.folder;
    const tooLong = source.text.length > MAX_FILE_CHARS_COUNT;
    this.text = tooLong ? '' : source.text;
    this.document = parseDocument(this.text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      stringKeys: true,
      logLevel: 'error',
    });
    const problems = [...this.document.errors, ...this.document.warnings];
    this.isReadable = !tooLong && this.document.errors.every(({ code }) => HARMLESS.has(code));
    this.faults = tooLong
      ? [{ ...this.spot(0), message: 'this file is too long to be a definition (over 1,000,000 characters)' }]
      : problems.map((problem) => this.#faultOf(problem));
  }

  /** The place of an offset, with `widthCount` characters marked on its line. */
  spot(offset: number, widthCount = 1): Spot {
    const place = this.place(offset);
    const line = this.text.slice(offset - (place.column - 1)).split(/\r?\n/, 1)[0] ?? '';
    return { place, excerpt: { line, widthCount } };
  }

  /** The place of a node; a text over several lines is marked on its first one. */
  spotOf(node: Node): Spot {
    const [start, end] = node.range ?? [0, 1];
    const text = this.text.slice(start, end);
    const isBlock = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
    const firstLine = (text.split(/\r?\n/, 1)[0] ?? '').trimEnd();
    return this.spot(start, isBlock ? 1 : Math.max(1, firstLine.length));
  }

  /** What an alias stands for; any other node itself. */
  resolve(node: Node): Node | undefined {
    return isAlias(node) ? node.resolve(this.document) : node;
  }

  place(offset: number): Place {
    const { line, col } = this.#lines.linePos(Math.min(offset, this.text.length));
    return { file: this.name, line: Math.max(1, line), column: Math.max(1, col) };
  }

  #faultOf({ code, message, pos: [start, end] }: YAMLError): DefinitionFault {
    const word = this.text.slice(start, end).split(/[\r\n]/, 1)[0] ?? '';
    const spot = this.spot(start, Math.max(1, word.length));
    if (code === 'DUPLICATE_KEY') {
      const key = /^[^:\s]*/.exec(this.text.slice(start))?.[0] ?? '';
      return {
        ...this.spot(start, key.length),
        message: `${JSON.stringify(key)} is written twice`,
        hint: 'keep one of them',
      };
    }
    if (code === 'TAG_RESOLVE_FAILED')
      return { ...spot, message: `the YAML tag ${word} means nothing here`, hint: 'leave it out' };
    if (code === 'MULTIPLE_DOCS')
      return { ...spot, message: 'a second YAML document begins here', hint: 'write one dashboard per file' };
    if (code === 'TAB_AS_INDENT')
      return { ...spot, message: 'a tab is used as indentation', hint: 'YAML indents with spaces only' };
    return { ...spot, message: `this is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}` };
  }
}
