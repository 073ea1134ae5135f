/** The templates that come with the program (docs/dashboard-templates.md). */
import type { SystemTemplate } from "../service.ts";
import { dataPipeline } from "./data_pipeline.ts";
import { modelServing } from "./model_serving.ts";
import { notebookServer } from "./notebook_server.ts";
import { serverHealth } from "./server_health.ts";
import { slowQueries } from "./slow_queries.ts";
import { trainingJob } from "./training_job.ts";
import { workspaces } from "./workspaces.ts";

export const systemTemplates: readonly SystemTemplate[] = [
  modelServing,
  trainingJob,
  notebookServer,
  dataPipeline,
  workspaces,
  slowQueries,
  serverHealth,
];
