/** A credential that is not taken: too little is told for anyone to learn from it how to make a better one. */
export class CredentialRefused extends Error {
  readonly reason: 'invalid' | 'expired';

  /** `cause` is for the log. */
  constructor(reason: 'invalid' | 'expired', cause?: unknown) {
    super(`The credential is ${reason}.`, { cause });
    this.name = 'CredentialRefused';
    this.reason = reason;
  }
}
