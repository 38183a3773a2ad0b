/** The figures of several workers in one text, each with the number of its worker as a label; families stay together, as the format wants it. */
export function joinedFigures(texts: readonly { readonly worker: number; readonly text: string }[]): string {
  const families = new Map<string, { readonly about: string[]; readonly samples: string[] }>();
  for (const { worker, text } of texts) {
    let family = '';
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const [, name] = /^# (?:HELP|TYPE) (\S+)/.exec(line) ?? [];
      if (name !== undefined) family = name;
      const known = families.get(family) ?? { about: [], samples: [] };
      families.set(family, known);
      if (!line.startsWith('#')) known.samples.push(labelled(line, worker));
      else if (!known.about.includes(line)) known.about.push(line);
    }
  }
  const lines = [...families.values()].flatMap(({ about, samples }) => [...about, ...samples]);
  return `${lines.join('\n')}\n`;
}

function labelled(sample: string, worker: number): string {
  const [, name = '', labels = '', value = ''] = /^([^{\s]+)(?:\{(.*)\})? (\S+)$/.exec(sample) ?? [];
  return `${name}{${labels}${labels === '' ? '' : ','}worker="${worker}"} ${value}`;
}
