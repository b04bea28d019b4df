import type { Dashboard, Panel, Target } from './dashboard.ts';

/** Columns of Grafana's grid. */
const GRID_WIDTH = 24;
const SIZES = { timeseries: { w: 12, h: 8 }, stat: { w: 6, h: 4 }, list: { w: 12, h: 8 } } as const;
const TYPES = { timeseries: 'timeseries', stat: 'stat', list: 'table' } as const;
const DATASOURCE = { type: 'prometheus', uid: 'sluice-prometheus' };

/** Converts a dashboard to the JSON model of Grafana 11. */
export function toGrafana({ uid, title, description, variables = [], rows }: Dashboard): object {
  return {
    uid,
    title,
    description,
    tags: ['sluice'],
    editable: false,
    schemaVersion: 39,
    time: { from: 'now-6h', to: 'now' },
    refresh: '30s',
    links: [{ type: 'dashboards', tags: ['sluice'], title: 'Sluice', asDropdown: true, keepTime: true }],
    templating: { list: variables.map(toVariable) },
    panels: placePanels(rows),
  };
}

function toVariable({ name, metric }: { name: string; metric: string }): object {
  const query = `label_values(${metric}, ${name})`;
  return { name, type: 'query', label: name, datasource: DATASOURCE, query, refresh: 2, sort: 1 };
}

/** Places panels from left to right, each row below its title. */
function placePanels(rows: Dashboard['rows']): object[] {
  const placed: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    placed.push({
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: GRID_WIDTH, h: 1 },
      panels: [],
    });
    y += 1;
    let x = 0;
    let tallest = 0;
    for (const panel of panels) {
      const size = SIZES[panel.kind ?? 'timeseries'];
      if (x + size.w > GRID_WIDTH) {
        y += tallest;
        x = 0;
        tallest = 0;
      }
      placed.push(toPanel(panel, { x, y, ...size }));
      x += size.w;
      tallest = Math.max(tallest, size.h);
    }
    y += tallest;
  }
  return placed.map((panel, index) => ({ id: index + 1, ...panel }));
}

function toPanel(
  { title, description, unit, kind = 'timeseries', targets, thresholds }: Panel,
  gridPos: object,
) {
  return {
    type: TYPES[kind],
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: {
      defaults: { unit, min: 0, ...FIELD_DEFAULTS[kind], ...(thresholds && toThresholds(thresholds)) },
      overrides: [],
    },
    targets: targets.map((target, index) => ({ ...toTarget(target, index), ...QUERY_OPTIONS[kind] })),
    ...(kind === 'stat' && {
      options: { colorMode: 'value', reduceOptions: { calcs: ['lastNotNull'] } },
    }),
    ...(kind === 'list' && {
      transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }],
    }),
  };
}

/** In a time series thresholds are dashed lines, because each series has its color. A stat is colored by them. */
const FIELD_DEFAULTS = {
  timeseries: {
    color: { mode: 'palette-classic' },
    custom: { fillOpacity: 10, showPoints: 'never', thresholdsStyle: { mode: 'dashed' } },
    // Without a threshold Grafana draws a line at 80.
    thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }] },
  },
  stat: {
    color: { mode: 'thresholds' },
    thresholds: { mode: 'absolute', steps: [{ color: 'text', value: null }] },
  },
  list: {},
} as const;

/** A table needs the `table` format to show all series at once. */
const QUERY_OPTIONS = {
  timeseries: { instant: false, range: true, format: 'time_series' },
  stat: { instant: true, range: false, format: 'time_series' },
  list: { instant: true, range: false, format: 'table' },
} as const;

function toTarget({ expr, legend }: Target, index: number): object {
  return { refId: String.fromCharCode(65 + index), datasource: DATASOURCE, expr, legendFormat: legend };
}

function toThresholds([warn, bad]: readonly [number, number]): object {
  // If lower values are worse (warn > bad), the order of colors is reversed.
  const [low, middle, high] = warn > bad ? ['red', 'yellow', 'green'] : ['green', 'yellow', 'red'];
  const [first, second] = warn > bad ? [bad, warn] : [warn, bad];
  const steps = [
    { color: low, value: null },
    { color: middle, value: first },
    { color: high, value: second },
  ];
  return { thresholds: { mode: 'absolute', steps } };
}
