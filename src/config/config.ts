/**
 * The effective configuration, as the rest of the product sees it: one field a key of the contract, the key's name in
 * camel case plus the unit where the key leaves it out. `keys.ts` has the keys, `load_config.ts` reads them.
 */
import type { Cidr } from "../addresses/addresses.ts";
import type { LogFormat, LogLevel } from "../observability/log.ts";

export type PgTlsMode = "disable" | "prefer" | "require";
export type QueryAuditMode = "full" | "structure" | "hash_only";

export interface Config {
  /** Absolute. */
  readonly dataDir: string;
  readonly httpHost: string;
  /** 0 = any free port. */
  readonly httpPort: number;
  readonly pgHost: string;
  /** 0 = any free port. */
  readonly pgPort: number;
  /** null = no such listener; 0 = any free port. */
  readonly pgDirectTlsPort: number | null;
  readonly publicHost: string;
  /** Absolute path of a PEM file; null, together with `tlsKey`, = a self-signed pair. */
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
  readonly pgTls: PgTlsMode;
  /** null = generated at the first start. */
  readonly adminKey: string | null;
  readonly maxConnectionsTotal: number;
  readonly maxConnectionsPerWorkspace: number;
  readonly maxConnectionsPerIp: number;
  /** 0 = no timeout. */
  readonly idleTimeoutSeconds: number;
  /** 0 = no timeout. */
  readonly queryTimeoutSeconds: number;
  readonly connectionTimeoutSeconds: number;
  readonly workspaceDefaultMemoryLimitBytes: number;
  /** A percentage is already resolved against this machine's (or container's) memory. */
  readonly workspacesMemoryBudgetBytes: number;
  readonly workspaceMaxTempStorageBytes: number;
  readonly workspaceMaxAttachedTables: number;
  readonly workspaceDefaultSizeLimitGb: number;
  readonly workspaceDefaultTtlHours: number;
  readonly workspaceMaxTtlHours: number;
  readonly workspaceExpiredRetentionHours: number;
  /** 0 = unlimited. */
  readonly workspaceMaxResultRows: number;
  /** 0 = unlimited. */
  readonly workspaceMaxResultBytes: number;
  /** 0 = only the protocol's own limit. */
  readonly workspaceMaxStatementBytes: number;
  readonly maxWorkspacesPerProject: number;
  readonly sessionCleanupIntervalSeconds: number;
  readonly queryAuditEnabled: boolean;
  readonly queryAuditMode: QueryAuditMode;
  /** Characters of a statement that are kept. */
  readonly queryAuditMaxLength: number;
  readonly queryAuditTable: boolean;
  readonly queryAuditRetentionDays: number;
  /** 0 = unlimited. */
  readonly queryAuditMaxBytes: number;
  readonly slowQueryThresholdMs: number;
  readonly slowQueryExplain: boolean;
  readonly slowQueryLogFull: boolean;
  readonly alertWebhookUrl: string | null;
  readonly alertWebhookHeaders: Readonly<Record<string, string>>;
  readonly alertMinIntervalSeconds: number;
  readonly alertWebhookFormat: "json" | "slack" | "discord" | "teams";
  readonly alertWebhookTimeoutSeconds: number;
  readonly alertWindowSeconds: number;
  /** Above this share of failed statements; 5 = 5 %. */
  readonly alertErrorRatePercent: number;
  readonly alertErrorRateMinQueries: number;
  readonly alertAuthFailures: number;
  readonly alertSlowQueries: number;
  /** 0 = unlimited. */
  readonly maxQueriesPerMinute: number;
  readonly authFailuresPerMinute: number;
  readonly dbMaxOpenConns: number;
  readonly dbMaxIdleConns: number;
  /** 0 = a connection is never too old. */
  readonly dbConnMaxLifetimeSeconds: number;
  /** 0 = an idle connection is kept. */
  readonly dbConnMaxIdleTimeSeconds: number;
  readonly dbConnectTimeoutSeconds: number;
  /** 0 = no timeout. */
  readonly dbQueryTimeoutSeconds: number;
  readonly shutdownTimeoutSeconds: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** How long a workspace's process is kept after its last session. */
  readonly workerIdleSeconds: number;
  /** Idle processes that are kept started for the next sleeping workspace. */
  readonly spareWorkers: number;
  readonly auditRetentionDays: number;
  /** Whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly Cidr[];
  /** Addresses that no datasource may be at. */
  readonly datasourceDeniedAddresses: readonly Cidr[];
  /** Empty = every address that is not denied. */
  readonly datasourceAllowedAddresses: readonly Cidr[];
  readonly shareTokenAllowNever: boolean;
  /** Value of Content-Security-Policy's frame-ancestors on what share links answer. */
  readonly shareFrameAncestors: string;
  readonly shareFailuresPerMinute: number;
  /** Absolute; null = nothing is provisioned. */
  readonly dashboardsProvisioningDir: string | null;
  readonly dashboardsProvisioningPrune: boolean;
  readonly dashboardsProvisioningIntervalSeconds: number;
  readonly dashboardsDeletedRetentionDays: number;
}
