/**
 * The composition root: what the server consists of, the order in which it starts, and how it stops. No other module
 * knows all of them.
 *
 * Start: metadata and migrations, key, domain services, supervisor, recovery of an earlier run's leftovers, PostgreSQL front,
 * HTTP, jobs. It listens only when everything before has worked. Stop: everybody new is refused (57P03, 503), jobs end, workers
 * drain (running statements end or are cancelled, files are checkpointed), then the ports close, sessions and metadata are saved.
 */
import { availableParallelism } from "node:os";
import type { Config } from "../config/config.ts";
import { ConsoleFiles } from "../console/files.ts";
import { AppError } from "../errors/app_error.ts";
import { ResourceService } from "../dashboards/resources.ts";
import { createApp } from "../http/app.ts";
import { backupRoutes } from "../http/routes/backup.ts";
import { jobRoutes } from "../http/routes/jobs.ts";
import { auditRoutes } from "../http/routes/audit.ts";
import { consoleRoutes } from "../http/routes/console.ts";
import { operationsRoutes, serverChecks } from "../http/routes/operations.ts";
import { alertRoutes } from "../http/routes/alerts.ts";
import { projectRoutes } from "../http/routes/projects.ts";
import { queryRoutes } from "../http/routes/queries.ts";
import { pgwireAuthRoutes } from "../http/routes/pgwire_auth.ts";
import { sessionRoutes } from "../http/routes/sessions.ts";
import { settingsRoutes } from "../http/routes/settings.ts";
import { tableRoutes } from "../http/routes/tables.ts";
import { sqlQueryRoutes } from "../http/routes/sql_query.ts";
import { workspaceRoutes } from "../http/routes/workspaces.ts";
import { WritePause } from "../ipc/write_pause.ts";
import { JobRunner } from "../jobs/job_runner.ts";
import { metadataPoolOptions, openMetadataPool } from "../metadata/pool/pool.ts";
import { migrateUp } from "../metadata/migrations/migrations.ts";
import { MetadataProjectRepository } from "../metadata/storage/repository.ts";
import { ProjectChanges } from "../metadata/storage/shared.ts";
import { MetadataTableRepository } from "../metadata/storage/tables.ts";
import { MetadataWorkspaceRepository } from "../metadata/workspaces/repository.ts";
import { MetadataSessionStore } from "../metadata/workspaces/sessions.ts";
import { diskSpace } from "../observability/health.ts";
import type { Logger } from "../observability/log.ts";
import { Metrics } from "../observability/metrics.ts";
import { build, version } from "../version.ts";
import type { PgFront } from "../pgwire/front/front.ts";
import { makeScramVerifier, verifyPassword } from "../pgwire/scram.ts";
import { createStorage } from "../storage/storage.ts";
import { makeSupervisor, type Supervisor } from "../supervisor/supervisor.ts";
import { WorkspaceJobs } from "../workspaces/jobs.ts";
import { SizeWatch } from "../workspaces/size_watch.ts";
import { databaseName } from "../workspaces/naming.ts";
import { WorkspaceService } from "../workspaces/service.ts";
import { SessionRegistry } from "../workspaces/sessions.ts";
import { ensureAdminKey } from "./admin_key.ts";
import { CatalogPush } from "./catalog_push.ts";
import { makeDashboards } from "./dashboards.ts";
import { historyLaunchSpec, historyWorkspaceId, withoutHistory } from "./metric_history.ts";
import { makePanelData } from "./panel_data.ts";
import { type HttpListener, startHttp } from "./http_listener.ts";
import { makeLocalKey, offerLocalAccess } from "./local_access.ts";
import { openGiveBack } from "../memory/give_back.ts";
import { createPersesApi } from "./perses_api.ts";
import { makeAlerts, observeConnection, observeSlowQuery, observeWorkers, reportSizes } from "./server_alerts.ts";
import { startFront } from "./pgwire_front.ts";
import { startQueryLogging } from "./query_log.ts";
import { serverJobs } from "./server_jobs.ts";
import { auditJobs, startAudit } from "./server_audit.ts";
import { makeSharing, shareCleanUpJob } from "./sharing.ts";
import { SqlQueries } from "./sql_query.ts";
import { workerCommand } from "./worker_command.ts";
import { workerEvents } from "./worker_events.ts";
import { writeHolds } from "./write_holds.ts";

const sessionFlushIntervalMs = 1_000;
/** After the start, so that neither it nor the first requests wait for the collector. */
const settlingMs = 1_000;
const queryLogPruningIntervalMs = 60 * 60_000;

export interface Server {
  readonly httpPort: number;
  readonly pgPort: number;
  readonly pgDirectTlsPort: number | null;
  /** The administrator's key when this start has generated it. */
  readonly adminKey: string | null;
  readonly closed: Promise<void>;
  stop(): Promise<void>;
  /** A stop that is under way cancels running statements instead of waiting for them. */
  hasten(): void;
}

/** Starts everything; when a part fails, what had started is stopped again and the error is thrown. */
export async function startServer(config: Config, logger: Logger): Promise<Server> {
  const startedMs = performance.now();
  const undo: (() => Promise<unknown>)[] = [];
  const stopAll = async () => {
    for (const step of undo.reverse()) {
      await step().catch((error) =>
        logger.error("a part of the server did not stop cleanly", { error: String(error) })
      );
    }
    undo.length = 0;
  };
  try {
    const metrics = new Metrics();
    const metadataWrites = new WritePause();
    const pool = await openMetadataPool({ ...metadataPoolOptions(config), logger, writes: metadataWrites });
    undo.push(() => pool.close());
    await migrateUp(pool, logger);
    const adminKey = await ensureAdminKey(pool, config.adminKey);
    const alerts = makeAlerts({ config, logger, metrics, pool, pgPort: () => pgPort });
    undo.push(() => alerts.stop());
    const audit = await startAudit(config, logger);
    undo.push(() => audit.close());

    const sessions = new SessionRegistry({
      store: new MetadataSessionStore(pool),
      connectionsPerWorkspaceMax: config.maxConnectionsPerWorkspace,
      logger,
      random: randomBytes,
      now: Date.now,
      flushIntervalMs: sessionFlushIntervalMs,
    });
    undo.push(() => sessions.shutDown("server_shutdown"));

    // The supervisor and the services know each other through these two, which are set before anything runs.
    let supervisor: Supervisor | null = null;
    let pgPort = 0;
    const requireSupervisor = (): Supervisor => {
      if (supervisor === null) throw new AppError("starting_up", "the server is starting");
      return supervisor;
    };
    const catalogPush = new CatalogPush(requireSupervisor, logger);
    const changes = new ProjectChanges(pool);
    const storage = createStorage({
      projectRepository: new MetadataProjectRepository(pool, changes),
      tableRepository: new MetadataTableRepository(pool, changes),
      jobs: {
        runStorageJob: (job) => requireSupervisor().runStorageJob(job),
        filesInUse: () => requireSupervisor().filesInUse(),
      },
      events: {
        onCatalogChanged: (projectId, branchId) => catalogPush.changed(projectId, branchId),
        onProjectDeleted: (projectId) => workspaces.projectDeleted(projectId),
        onBranchDeleted: (projectId, branchId) => workspaces.branchDeleted(projectId, branchId),
      },
      settings: { dataDirectory: config.dataDir, jobMemoryBytesMax: config.workspaceDefaultMemoryLimitBytes },
      log: logger,
    });
    const repository = new MetadataWorkspaceRepository(pool);
    const workspaces = new WorkspaceService({
      repository,
      storage,
      supervisor: requireSupervisor,
      sessions,
      passwords: { makeVerifier: makeScramVerifier, verify: verifyPassword },
      metrics,
      logger,
      address: { host: config.publicHost, pgTls: config.pgTls, pgPort: () => pgPort },
      settings: {
        dataDirectory: config.dataDir,
        defaultTtlHours: config.workspaceDefaultTtlHours,
        maxTtlHours: config.workspaceMaxTtlHours,
        expiredRetentionHours: config.workspaceExpiredRetentionHours,
        defaultSizeLimitGb: config.workspaceDefaultSizeLimitGb,
        defaultMemoryLimitBytes: config.workspaceDefaultMemoryLimitBytes,
        memoryBudgetBytes: config.workspacesMemoryBudgetBytes,
        tempBytesMax: config.workspaceMaxTempStorageBytes,
        attachedTablesMax: config.workspaceMaxAttachedTables,
        maxResultRows: config.workspaceMaxResultRows,
        maxResultBytes: config.workspaceMaxResultBytes,
        workspacesPerProjectMax: config.maxWorkspacesPerProject,
        queriesPerMinuteMax: config.maxQueriesPerMinute,
        statementBytesMax: config.workspaceMaxStatementBytes,
        connectionsPerWorkspaceMax: config.maxConnectionsPerWorkspace,
        connectionsTotalMax: config.maxConnectionsTotal,
        queryTimeoutMs: config.queryTimeoutSeconds * 1000,
        idleTimeoutMs: config.idleTimeoutSeconds * 1000,
        threads: availableParallelism(),
        stopTimeoutMs: 5_000,
      },
      random: randomBytes,
      now: Date.now,
    });
    catalogPush.connect(repository, (projectId, branchId) => storage.projectCatalog(projectId, branchId));

    const queryLogging = await startQueryLogging({
      config,
      logger,
      metrics,
      supervisor: requireSupervisor,
      onSlowQuery: (query) => observeSlowQuery(query, alerts),
    });
    undo.push(() => queryLogging.log.close());
    supervisor = await makeSupervisor({
      launchSpec: async (workspaceId) =>
        workspaceId === historyWorkspaceId
          ? await historyLaunchSpec(config.dataDir)
          : queryLogging.launching(await workspaces.launchSpec(workspaceId)),
      workerCommand,
      logger,
      events: withoutHistory(observeWorkers(
        workerEvents({ sessions, metrics, logger, queryLogging }),
        { alerts, sessions, repository },
      )),
      config: {
        spareCount: config.spareWorkers,
        workerIdleMs: config.workerIdleSeconds * 1000,
        memoryBudgetBytes: config.workspacesMemoryBudgetBytes,
        memoryWaitMs: config.connectionTimeoutSeconds * 1000,
      },
    });
    const running = supervisor;
    let front: PgFront | null = null;
    let http: HttpListener | null = null;
    // Both ports stay open until the workers have drained, so that clients and probes can read why they are refused.
    undo.push(() => Promise.all([front?.close(), http?.close()]));
    undo.push(() => front?.endSessions() ?? Promise.resolve());
    undo.push(() => running.close(config.shutdownTimeoutSeconds * 1000));
    metrics.readFrom({ pool: () => pool.stats(), workers: () => running.stats() });

    const workspaceJobs = new WorkspaceJobs({
      service: workspaces,
      repository,
      sessions,
      logger,
      dataDirectory: config.dataDir,
      expiredRetentionHours: config.workspaceExpiredRetentionHours,
      idleTimeoutMs: config.idleTimeoutSeconds * 1000,
      now: Date.now,
    });
    await workspaceJobs.recover();
    await storage.cleanUp();
    const memory = openGiveBack();
    // While sessions are spliced, pages of code that are unmapped would be back at once.
    const trimMemory = memory.trim && (() => sessions.count() === 0 ? memory.native() : memory.trim?.());
    const jobs = new JobRunner({
      logger,
      now: Date.now,
      onRegistered: (job) => metrics.jobRegistered(job),
      onRun: (run) => metrics.jobRun(run),
    });
    const sizes = new SizeWatch({
      repository,
      dataDirectory: config.dataDir,
      logger,
      runningIds: () => workspaces.workers.runningIds(),
      countedBytes: (id) => workspaces.countedBytes(id),
      onMeasured: (measured) => reportSizes(measured, metrics, alerts),
    });
    await sizes.measure();
    for (const job of serverJobs({ config, workspaceJobs, storage, sizes, trimMemory })) jobs.register(job);

    const listener = await startFront({
      config,
      pool,
      logger,
      workspaces,
      sessions,
      supervisor: running,
      metrics,
      onConnection: (entry) => {
        observeConnection(entry, alerts);
        audit.connection(entry);
      },
    });
    front = listener;
    pgPort = listener.port;

    const dashboards = makeDashboards({
      config,
      pool,
      changes,
      logger,
      model: (store) => new ResourceService(store, logger),
      requireProject: (projectId) => storage.projects.requireProject(projectId),
      requireWorkspace: (projectId, workspaceId) => workspaces.findActive({ projectId, workspaceId }),
    });
    await dashboards.prepare();

    const panelData = makePanelData({
      logger,
      metrics,
      supervisor: requireSupervisor,
      store: dashboards.store,
      addresses: { denied: config.datasourceDeniedAddresses, allowed: config.datasourceAllowedAddresses },
      databaseOf: async (projectId, workspaceId) => {
        await workspaces.findActive({ projectId, workspaceId });
        return databaseName(workspaceId);
      },
      authorOf: async (place, version) => (await dashboards.service.version(place, version)).createdBy,
    });
    const consoleFiles = new ConsoleFiles();
    const sharing = await makeSharing({
      config,
      pool,
      logger,
      store: dashboards.store,
      audit,
      runner: panelData.sharedQueries,
      consoleFiles,
    });

    let draining = false;
    const localKey = makeLocalKey();
    const authentication = {
      adminKeyHash: () => adminKey.hash,
      localKeyHash: () => localKey.hash,
      findKey: (hash: string) => storage.findKey(hash),
    };
    const perses = createPersesApi({
      pool,
      changes,
      dashboards,
      projects: storage.projects,
      authentication,
      version,
      logger,
      proxy: panelData.proxy,
      views: sharing.views,
      onView: () => metrics.dashboardViewed(),
    });
    const app = createApp({
      log: logger,
      authentication,
      version,
      isDraining: () => draining,
      routes: [
        projectRoutes(storage.projects),
        tableRoutes(storage),
        workspaceRoutes(workspaces),
        sessionRoutes(workspaces),
        sqlQueryRoutes(
          new SqlQueries({
            supervisor: requireSupervisor,
            workspaces,
            sessions,
            metrics,
            queryTimeoutMs: config.queryTimeoutSeconds * 1000,
          }),
        ),
        pgwireAuthRoutes(workspaces),
        jobRoutes(jobs),
        alertRoutes(alerts),
        ...dashboards.routes,
        perses.keyed,
        ...panelData.routes,
        queryRoutes({
          store: queryLogging.store,
          findWorkspace: (reference) => workspaces.find(reference),
          flush: () => queryLogging.log.flush(),
        }),
        settingsRoutes(queryLogging.settings),
        auditRoutes(audit.store),
        ...sharing.routes,
        backupRoutes(writeHolds(metadataWrites, (workspaceId) => running.running(workspaceId))),
      ],
      publicRoutes: [
        ...sharing.publicRoutes,
        consoleRoutes(consoleFiles),
        operationsRoutes({
          metrics,
          version,
          log: logger,
          uptimeMs: () => performance.now() - startedMs,
          checks: serverChecks({
            pingMetadata: () => pool.ping(),
            workersAvailable: () => running.isOpen(),
            postgresListening: () => front !== null,
            isDraining: () => draining,
          }),
          health: {
            pingDatabase: () => pool.ping(),
            pool: () => pool.stats(),
            poolConnectionsMax: config.dbMaxOpenConns,
            workers: () => ({ ...running.stats(), isOpen: running.isOpen() }),
            memory: () => running.memory(),
            disk: () => diskSpace(config.dataDir),
            now: Date.now,
          },
          build,
        }),
        perses.open,
      ],
      onRequest: (seen) => metrics.request(seen.route, seen.method, seen.status, seen.seconds),
      audit,
      trustedProxies: config.trustedProxies,
    });
    const httpListener = startHttp(config, app.fetch);
    http = httpListener;
    undo.push(await offerLocalAccess(config.dataDir, config.httpHost, httpListener.port, localKey.key));

    // What starting took: modules, migrations, perhaps a certificate.
    const settling = setTimeout(memory.all, settlingMs);
    undo.push(() => Promise.resolve(clearTimeout(settling)));
    await alerts.start();
    await dashboards.start(jobs);
    panelData.register(jobs);
    undo.push(() => panelData.stop());
    jobs.register({
      name: "query_log_pruning",
      description:
        "drops statements older than query_audit_retention_days, or beyond query_audit_max_bytes, from the query log",
      intervalMs: queryLogPruningIntervalMs,
      run: async () => {
        await queryLogging.log.prune();
      },
    });
    for (const job of auditJobs(audit)) jobs.register(job);
    jobs.register(shareCleanUpJob(sharing.shares));
    jobs.start();
    undo.push(() => jobs.stop());

    const closed = Promise.withResolvers<void>();
    let stopping: Promise<void> | null = null;
    return {
      httpPort: httpListener.port,
      pgPort: listener.port,
      pgDirectTlsPort: listener.directTlsPort,
      adminKey: adminKey.generated,
      closed: closed.promise,
      stop: () =>
        stopping ??= (async () => {
          draining = true;
          listener.drain();
          alerts.serverStopping();
          await stopAll();
          closed.resolve();
        })(),
      hasten: () => running.hasten(),
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}
