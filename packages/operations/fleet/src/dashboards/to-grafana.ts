/** Renders a dashboard as Grafana JSON. The only file that uses the foundation SDK. */

import * as common from '@grafana/grafana-foundation-sdk/common'
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common'
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import type { BoardSpec, PanelSpec, QuerySpec, VariableSpec } from './board-spec.ts'

/** The variable below: the user chooses it when importing a board. */
const source = { type: 'prometheus', uid: '$datasource' }
const tag = 'hadal'
const lineHeight = 8
const numberHeight = 4

export interface GrafanaOptions {
  /** Distinguishes the boards of several services; `[a-z0-9-]`, with the board's name at most 40 characters long. */
  readonly uid: string
}

export function toGrafana(board: BoardSpec, { uid }: GrafanaOptions): string {
  const builder = new dashboard.DashboardBuilder(board.title)
    .uid(uid)
    .description(board.description)
    .tags([tag])
    .editable()
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .link(
      new dashboard.DashboardLinkBuilder('Hadal')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags([tag])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    )
    .withVariable(
      new dashboard.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
    )
  for (const variable of board.variables) builder.withVariable(variableOf(variable))
  for (const row of board.rows) {
    builder.withRow(new dashboard.RowBuilder(row.title))
    for (const panel of row.panels) builder.withPanel(panelOf(panel))
  }
  return `${JSON.stringify(builder.build(), null, 2)}\n`
}

function variableOf({ name, label, series, valueLabel }: VariableSpec): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(source)
    .query(`label_values(${series}, ${valueLabel})`)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] })
}

type PanelBuilder = timeseries.PanelBuilder | stat.PanelBuilder

function panelOf(panel: PanelSpec): PanelBuilder {
  const builder = panel.form === 'number' ? numberOf(panel) : linesOf(panel)
  builder.title(panel.title).description(panel.description).datasource(source).unit(panel.unit)
  builder.thresholds(thresholdsOf(panel))
  if (panel.min !== undefined) builder.min(panel.min)
  if (panel.max !== undefined) builder.max(panel.max)
  if (panel.decimals !== undefined) builder.decimals(panel.decimals)
  for (const [at, query] of panel.queries.entries())
    builder.withTarget(targetOf(query, String.fromCharCode(65 + at), panel.form === 'number'))
  return builder
}

function numberOf({ span = 4 }: PanelSpec): stat.PanelBuilder {
  return new stat.PanelBuilder()
    .span(span)
    .height(numberHeight)
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.Area)
    .noValue('no data')
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
}

function linesOf({ span = 8, form, limit }: PanelSpec): timeseries.PanelBuilder {
  const builder = new timeseries.PanelBuilder()
    .span(span)
    .height(lineHeight)
    .lineWidth(1)
    .fillOpacity(form === 'stacked' ? 30 : 8)
    .showPoints(VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
  if (form === 'stacked') builder.stacking(new common.StackingConfigBuilder().mode(StackingMode.Normal))
  if (limit !== undefined)
    builder.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed),
    )
  return builder
}

/** Blue, neither good nor bad, if there is no limit. */
function thresholdsOf({ limit }: PanelSpec): dashboard.ThresholdsConfigBuilder {
  const steps =
    limit === undefined
      ? [{ value: null, color: 'blue' }]
      : [
          { value: null, color: limit.bad === 'above' ? 'green' : 'red' },
          { value: limit.at, color: limit.bad === 'above' ? 'red' : 'green' },
        ]
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps)
}

function targetOf(
  { expr, legend }: QuerySpec,
  refId: string,
  isInstant: boolean,
): prometheus.DataqueryBuilder {
  const builder = new prometheus.DataqueryBuilder()
    .expr(expr)
    .legendFormat(legend)
    .refId(refId)
    .datasource(source)
  return isInstant ? builder.instant() : builder.range()
}
