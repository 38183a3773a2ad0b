/** A fenced block of a page of documentation. */
export interface GuideBlock {
  /** What stands behind the fence: sql, yaml, sh, console, python. */
  readonly language: string;
  readonly text: string;
  /** The headings that it stands below, e.g. `Its database / 3. Check it`. */
  readonly heading: string;
}

/** The blocks of a page in their order. */
export function guideBlocks(page: string): readonly GuideBlock[] {
  const blocks: GuideBlock[] = [];
  const headings: string[] = [];
  for (const [, marks, title, language, text] of page.matchAll(/^(##+) (.+)$|^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (marks !== undefined) headings.splice(marks.length - 2, Number.POSITIVE_INFINITY, title ?? '');
    else blocks.push({ language: language ?? '', text: text ?? '', heading: headings.join(' / ') });
  }
  return blocks;
}

/** The commands of a `console` block, each with what is shown below it. */
export function typedAndShown({ text }: GuideBlock): { readonly typed: string; readonly shown: string }[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [typed = '', ...shown] = part.trimEnd().split('\n');
      return { typed, shown: shown.join('\n') };
    });
}

/** Whether an output is what a page shows; `...` stands for whatever is there, on its line. */
export function isShown(shown: string, output: string): boolean {
  const pattern = shown.split('...').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`).test(output.replaceAll('\r', '').trimEnd());
}
