import { DashcacheError } from '../../../errors.js';
import { formatInstant } from '../../definitions/instant.js';
import type { Binds, BindValue, RequestPart, RequestTemplate } from '../../definitions/model.js';
import { isDotSegment } from '../../definitions/request-template.js';
import { bindOf } from '../bind-of.js';

/**
 * The path and query of one request, every value encoded. A NULL takes its query name with it. A value that cannot be a
 * segment of a path is refused: it would climb, or leave a hole that means another address.
 */
export function requestTarget(request: Pick<RequestTemplate, 'path' | 'query'>, binds: Binds): string {
  const path = request.path.map((part) => `/${segment(part, binds)}`).join('');
  const pairs = request.query.flatMap(({ name, value }) => {
    if (value === null) return [name];
    const text = 'bind' in value ? encodedValue(bindOf(binds, value.bind)) : value.text;
    return text === null ? [] : [`${name}=${text}`];
  });
  return pairs.length > 0 ? `${path}?${pairs.join('&')}` : path;
}

function segment(part: RequestPart, binds: Binds): string {
  if ('text' in part) return part.text;
  const text = encodedValue(bindOf(binds, part.bind));
  if (text === null || text === '' || isDotSegment(text))
    // The parameters of a request are held against this before anything is asked; this is the second wall.
    throw new DashcacheError('source_wrong_answer', {
      detail: `The value of ${part.bind} cannot stand in the address of the data source.`,
    });
  return text;
}

function encodedValue(bind: BindValue): string | null {
  if (bind.value === null) return null;
  const text = bind.type === 'timestamp' ? formatInstant(bind.value) : String(bind.value);
  return encoded(text);
}

/** Everything but the unreserved characters of RFC 3986: encodeURIComponent leaves five of the reserved ones. */
function encoded(text: string): string {
  // A lone surrogate has no bytes; the parameters refuse it before, so it is only kept from being an error here.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
