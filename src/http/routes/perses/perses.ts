/** The Perses API: which of its routes need a key and which do not. */
import { limitJsonBody, type RouteModule } from "../../app.ts";
import type { AuthenticationPort } from "../../auth.ts";
import { projectDocumentRoutes } from "./projects.ts";
import { proxyProblems, proxyRoutes, type ProxyRoutesDependencies } from "./proxy.ts";
import { type ResourceRouteDependencies, resourceRoutes } from "./resources.ts";
import { addPersesRoutes, persesProblems } from "./routes.ts";
import { loginRoutes, whoamiRoutes } from "./session.ts";
import { publicToolRoutes, type ToolRouteDependencies, toolRoutes } from "./tools.ts";

export interface PersesDependencies extends ToolRouteDependencies, ResourceRouteDependencies, ProxyRoutesDependencies {
  readonly authentication: AuthenticationPort;
}

/** Two modules: the first goes among the public routes, before all of Perses' others, the second behind the key. */
export function persesRoutes(dependencies: PersesDependencies): { open: RouteModule; keyed: RouteModule } {
  return {
    open: (app) => {
      app.use("/api/*", persesProblems());
      proxyProblems(app);
      // The limit of all other routes stands behind the public ones, of which only these read a body.
      for (const path of ["/api/auth/*", "/api/validate/*", "/api/migrate"]) app.use(path, limitJsonBody());
      addPersesRoutes(app, [...loginRoutes(dependencies.authentication), ...publicToolRoutes(dependencies)]);
    },
    keyed: (app) => {
      addPersesRoutes(app, [
        ...whoamiRoutes(),
        ...projectDocumentRoutes(dependencies.projects),
        ...resourceRoutes(dependencies),
        ...toolRoutes(dependencies),
      ]);
      proxyRoutes(dependencies)(app);
    },
  };
}
