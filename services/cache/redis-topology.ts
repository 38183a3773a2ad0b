export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Null: none is sent, or the default user. */
export interface RedisLogin {
  readonly username: string | null;
  readonly password: string | null;
}

/** One server, or an address that always leads to the one that takes writes. */
export interface SingleRedis {
  readonly kind: 'single';
  readonly url: string;
}

/** A master with replicas, and sentinels that know which it is. */
export interface SentinelRedis {
  readonly kind: 'sentinel';
  readonly sentinels: readonly RedisNode[];
  /** What the sentinels call the master. */
  readonly name: string;
  readonly database: number;
  readonly login: RedisLogin;
  readonly sentinelLogin: RedisLogin;
  /** To the servers and to the sentinels alike. */
  readonly isTls: boolean;
}

export interface ClusterRedis {
  readonly kind: 'cluster';
  /** Some of its nodes: they tell of the others. */
  readonly nodes: readonly RedisNode[];
  readonly login: RedisLogin;
  readonly isTls: boolean;
}

/** Where Redis is, and how it is made up. */
export type RedisTopology = SingleRedis | SentinelRedis | ClusterRedis;
