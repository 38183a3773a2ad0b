import { formatValue, titleOf } from './format-value.js';
import type { CellValue, RecordBody, ValueStyle } from './model.js';

export interface FiguresProps {
  readonly body: RecordBody;
  readonly styles: Readonly<Record<string, ValueStyle>>;
  readonly isSummary: boolean;
}

/** The values of one record: metrics as figures, with the change since the period before; a summary as a list. */
export function Figures({ body: { data, previous }, styles, isSummary }: FiguresProps) {
  if (data === null) return <p class="empty">There is nothing for these choices.</p>;
  return (
    <dl class={isSummary ? 'summary' : 'figures'}>
      {Object.entries(data).map(([name, value]) => (
        <div key={name}>
          <dt>{titleOf(name, styles[name])}</dt>
          <dd>
            <span class="figure">{formatValue(value, styles[name])}</span>
            {previous && name in previous && (
              <Change value={value} before={previous[name] ?? null} style={styles[name]} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Never by colour alone: an arrow and words say the same. */
function Change({
  value,
  before,
  style,
}: {
  value: CellValue;
  before: CellValue;
  style: ValueStyle | undefined;
}) {
  const [now, then] = [Number(value), Number(before)];
  if (value === null || before === null || !Number.isFinite(now) || !Number.isFinite(then)) return null;
  const isUp = now > then;
  const share = then === 0 ? null : Math.abs((now - then) / then);
  const percent =
    share === null
      ? ''
      : `${new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 }).format(100 * share)} %`;
  const verdict = now === then || !style?.better ? '' : isUp === (style.better === 'up') ? 'good' : 'bad';
  const verdictWords = verdict === 'good' ? ', which is better' : verdict === 'bad' ? ', which is worse' : '';
  return (
    <span class={`change ${verdict}`}>
      <span aria-hidden="true">{now === then ? '=' : isUp ? '▲' : '▼'} </span>
      {now === then ? 'unchanged' : `${percent} ${isUp ? 'more' : 'less'}`}
      <span class="unseen">
        {' '}
        than {formatValue(before, style)} in the period before{verdictWords}
      </span>
    </span>
  );
}
