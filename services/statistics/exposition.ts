import type { Histogram } from './histogram.js';

export type Labels = Readonly<Record<string, string>>;

/** Bounds of all histograms, as powers of two in ms: the histogram counts exactly up to these, from 0.06 ms to 131 s. */
const BOUND_EXPONENTS = Array.from({ length: 22 }, (_, i) => i - 4);

/** Text in the Prometheus exposition format, version 0.0.4, family by family. */
export class Exposition {
  readonly #lines: string[] = [];

  counter(name: string, help: string, samples: Iterable<readonly [Labels, number]>): void {
    this.#family(name, 'counter', help);
    for (const [labels, value] of samples) this.#sample(name, labels, value);
  }

  gauge(name: string, help: string, value: number): void {
    this.gauges(name, help, [[{}, value]]);
  }

  gauges(name: string, help: string, samples: Iterable<readonly [Labels, number]>): void {
    this.#family(name, 'gauge', help);
    for (const [labels, value] of samples) this.#sample(name, labels, value);
  }

  histogram(name: string, help: string, series: Iterable<readonly [Labels, Histogram]>): void {
    this.#family(name, 'histogram', help);
    for (const [labels, histogram] of series) {
      for (const exponent of BOUND_EXPONENTS) {
        const le = String(2 ** exponent / 1000);
        this.#sample(`${name}_bucket`, { ...labels, le }, histogram.countUpTo(exponent));
      }
      this.#sample(`${name}_bucket`, { ...labels, le: '+Inf' }, histogram.count);
      this.#sample(`${name}_sum`, labels, histogram.sumMs / 1000);
      this.#sample(`${name}_count`, labels, histogram.count);
    }
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  #family(name: string, type: string, help: string): void {
    this.#lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`);
    this.#lines.push(`# TYPE ${name} ${type}`);
  }

  #sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
    this.#lines.push(`${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${written(value)}`);
  }
}

function written(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value);
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
