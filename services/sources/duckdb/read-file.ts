import { basename, extname } from 'node:path';
import { quoteLiteral } from '../sql-quote.js';

/** The table function that reads a kind of file. CSV always has a header line: guessing it wrong would lose a row or the names. */
const READERS: Readonly<Record<string, (path: string) => string>> = {
  '.csv': readCsv,
  '.tsv': readCsv,
  '.parquet': (path) => `read_parquet(${path})`,
  '.json': (path) => `read_json_auto(${path})`,
  '.ndjson': (path) => `read_json_auto(${path})`,
  '.jsonl': (path) => `read_json_auto(${path})`,
};

/** SQL of a table that is the content of a data file, chosen by its name. Throws for a name of no known kind. */
export function readFileSql(path: string): string {
  const name = path.toLowerCase().replace(/\.(gz|zst)$/, '');
  const reader = READERS[extname(name)];
  if (!reader) {
    throw new Error(
      `${basename(path)} is of no kind that is read here: a name ends in .csv, .tsv, .parquet, .json, .ndjson or .jsonl`,
    );
  }
  return reader(quoteLiteral(withoutPattern(path)));
}

/** sample_size=-1: types are guessed from all rows, so no late row contradicts them. */
function readCsv(path: string): string {
  return `read_csv(${path}, header=true, sample_size=-1)`;
}

/** DuckDB takes a path for a pattern; in brackets the characters of patterns mean themselves. */
function withoutPattern(path: string): string {
  return path.replace(/[[*?]/g, '[$&]');
}
