/** Whether a Host field names this machine itself; any port. No field is what HTTP/1.0 sends: no browser does. */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return true;
  return /^(?:localhost|127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|\[::1\])(?::\d{1,5})?$/i.test(host);
}

/** Whether a browser says that the page of another website asks (Origin, RFC 6454): also "null", the origin of nobody. */
export function isForeignOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase();
}
