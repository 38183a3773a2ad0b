import type { Identity } from './identity.js';

/** Who may ask, as the settings say: tokens, API keys, or both. */
export interface Credentials {
  /** Of what stands behind Bearer; at once where it is known already. Rejects with CredentialRefused. */
  ofToken(token: string): Identity | Promise<Identity>;
  /** The same of a token that was verified before, and is still good; null: it has to be verified. */
  ofKnownToken(token: string): Identity | null;
  /** Of an API key. Throws CredentialRefused. */
  ofKey(key: string): Identity;
  /** What is wrong with a reload of keys or of the issuer's key set, for people who operate the service; null: nothing. */
  readonly problem: string | null;
  /** Reads the file of API keys again; a broken one leaves the last good one in force. */
  reload(): void;
  /** Called whenever a credential that was taken may be taken no more, or be another's, before it expires. */
  onChange(listener: () => void): void;
  close(): void;
}
