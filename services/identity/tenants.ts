import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { Dashboard, Parameter, ResolvedParameters } from '../definitions/model.js';
import {
  type Tenant,
  tenantForOperator,
  tenantFromCredential,
  tenantFromParameter,
} from '../definitions/tenant.js';
import { heldTenants, meantTenant } from './held-tenants.js';
import type { Identity } from './identity.js';

export interface TenantsOptions {
  /** Whether somebody has to say who he is; without identities the query is believed. */
  readonly hasIdentities: boolean;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Says whose data somebody sees: what his credential says, or, where no identity is configured, what his query says. */
export class Tenants {
  readonly #options: TenantsOptions;
  /** Read once for each credential. */
  readonly #held = new WeakMap<Identity, WeakMap<Parameter, readonly string[] | null>>();

  constructor(options: TenantsOptions) {
    this.#options = options;
  }

  /** The tenants whose data somebody may see, in canonical spelling; null: any. */
  held(identity: Identity | null, { tenantParameter, parameters }: Dashboard): readonly string[] | null {
    const parameter = parameters.get(tenantParameter ?? '');
    if (!this.#options.hasIdentities || !parameter) return null;
    // Access has seen to it that there is somebody.
    return identity ? this.#heldBy(identity, parameter) : [];
  }

  /** Text of the tenant that is meant where the query names none; undefined: it has to. Throws where there is none to be meant. */
  meant(identity: Identity | null, dashboard: Dashboard): string | undefined {
    return meantTenant(this.held(identity, dashboard), dashboard);
  }

  /** The tenant that the query names; `known`, where that is the one. Throws forbidden for another's. */
  of(
    identity: Identity | null,
    { dashboard, parameters }: { dashboard: Dashboard; parameters: ResolvedParameters },
    known?: Tenant,
  ): Tenant {
    const canonical = named(dashboard, parameters);
    const held = this.held(identity, dashboard);
    if (held !== null && !held.includes(canonical)) throw notHeld();
    if (known?.text === canonical) return known;
    if (!this.#options.hasIdentities) return tenantFromParameter(canonical);
    return held === null ? tenantForOperator(canonical) : tenantFromCredential(canonical);
  }

  #heldBy(identity: Identity, parameter: Parameter): readonly string[] | null {
    const { clock } = this.#options;
    // A relative period is another one tomorrow.
    if (parameter.type === 'period') return heldTenants(identity, parameter, clock.nowMs());
    const ofIdentity = this.#held.get(identity) ?? new WeakMap<Parameter, readonly string[] | null>();
    const known = ofIdentity.get(parameter);
    if (known !== undefined) return known;
    const held = heldTenants(identity, parameter, clock.nowMs());
    this.#held.set(identity, ofIdentity.set(parameter, held));
    return held;
  }
}

function named({ tenantParameter }: Dashboard, parameters: ResolvedParameters): string {
  const canonical = parameters.get(tenantParameter ?? '')?.canonical ?? null;
  if (canonical !== null) return canonical;
  throw new DashcacheError('parameters_invalid', {
    errors: [{ parameter: tenantParameter ?? '', detail: 'is required: it says whose data is wanted' }],
  });
}

function notHeld(): DashcacheError {
  return new DashcacheError('forbidden', {
    detail: 'The credential is not one of the tenant that the query names.',
  });
}
