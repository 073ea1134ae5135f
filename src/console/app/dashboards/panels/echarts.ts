/**
 * The parts of Apache ECharts that panels use, and nothing else of it: each of these modules adds one chart or component. Loaded when the
 * first chart is drawn. (`echarts/charts` would name them more nicely, but the bundler keeps all of what it exports.)
 */
import "echarts/lib/chart/bar";
import "echarts/lib/chart/gauge";
import "echarts/lib/chart/heatmap";
import "echarts/lib/chart/line";
import "echarts/lib/chart/pie";
import "echarts/lib/chart/scatter";
import "echarts/lib/component/grid";
import "echarts/lib/component/markLine";
import "echarts/lib/component/tooltip";
import "echarts/lib/component/visualMap";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([CanvasRenderer]);

export { init };
export type { ECharts, EChartsCoreOption } from "echarts/core";
