/** Whether JSON text nests deeper than that: known without parsing, which costs a stack frame a level. Of other text nothing is promised. */
export function isDeeperThan(json: string, maxLevelsCount: number): boolean {
  let levelsCount = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (isText) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) isText = false;
    } else if (code === QUOTE) isText = true;
    else if (code === BRACE || code === BRACKET) {
      if (++levelsCount > maxLevelsCount) return true;
    } else if (code === BRACE_END || code === BRACKET_END) levelsCount--;
  }
  return false;
}

const [QUOTE, BACKSLASH, BRACE, BRACE_END, BRACKET, BRACKET_END] = ['"', '\\', '{', '}', '[', ']'].map(
  (text) => text.charCodeAt(0),
);
