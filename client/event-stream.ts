/** One event of a stream (WHATWG HTML, section 9.2.6). */
export interface StreamEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

/** Reads events out of the bytes of a stream, wherever they are cut; `retry` fields are told apart. */
export async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  onRetry: (delayMs: number) => void,
): AsyncGenerator<StreamEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const text = decoder.decode(value, { stream: true });
      pieces.push(text);
      // A large event comes in many pieces: they are joined once its end is there.
      if (!text.includes('\n')) continue;
      const blocks = pieces.join('').split('\n\n');
      pieces = [blocks.pop() ?? ''];
      for (const block of blocks) {
        const event = eventOf(block, onRetry);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function eventOf(block: string, onRetry: (delayMs: number) => void): StreamEvent | null {
  let event = 'message';
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const at = line.indexOf(':');
    const name = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '');
    if (name === 'event') event = value;
    else if (name === 'id') id = value;
    else if (name === 'data') data.push(value);
    else if (name === 'retry' && /^\d+$/.test(value)) onRetry(Number(value));
  }
  return data.length > 0 ? { event, id, data: data.join('\n') } : null;
}
