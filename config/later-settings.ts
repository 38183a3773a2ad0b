/** A setting that this version knows by name only: it refuses the start rather than being ignored in silence. */
export interface LaterSetting {
  readonly variable: string;
  readonly help: string;
  readonly secret: boolean;
}

const plain = (variable: string, help: string): LaterSetting => ({ variable, help, secret: false });
const secret = (variable: string, help: string): LaterSetting => ({ variable, help, secret: true });

export const LATER_SETTINGS: readonly LaterSetting[] = [
  plain('RATE_LIMIT', 'Requests of one caller, e.g. 600/min'),
  secret('JWT_SECRET', 'Secret that signs the tokens of readers'),
  secret('JWT_PUBLIC_KEY', 'Public key of the signer of tokens'),
  plain('JWT_JWKS_URL', 'Where the public keys of the signer are found'),
  plain('JWT_ALGORITHM', 'Algorithm that tokens are signed with'),
  plain('JWT_ISSUER', 'Issuer that tokens must name'),
  plain('JWT_AUDIENCE', 'Audience that tokens must name'),
  plain('TENANT_CLAIM', 'Claim of a token that names the tenants'),
  plain('ROLES_CLAIM', 'Claim of a token that names the roles'),
  plain('API_KEYS_FILE', 'YAML file of API keys'),
];
