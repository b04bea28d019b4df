import type { Dashboard, Panel, Target } from './dashboard.ts';

/** Grafana's grid is 24 wide. */
const WIDE = 24;
const SIZES = { timeseries: { w: 12, h: 8 }, stat: { w: 6, h: 4 }, list: { w: 12, h: 8 } } as const;
const TYPES = { timeseries: 'timeseries', stat: 'stat', list: 'table' } as const;
const DATASOURCE = { type: 'prometheus', uid: 'sluice-prometheus' };

/** Makes the model of a dashboard as Grafana 11 imports it. */
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
    panels: lay(rows),
  };
}

function toVariable({ name, metric }: { name: string; metric: string }): object {
  const query = `label_values(${metric}, ${name})`;
  return { name, type: 'query', label: name, datasource: DATASOURCE, query, refresh: 2, sort: 1 };
}

/** Lays panels out from left to right, each row under its title. */
function lay(rows: Dashboard['rows']): object[] {
  const laid: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    laid.push({ type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: WIDE, h: 1 }, panels: [] });
    y += 1;
    let x = 0;
    let tallest = 0;
    for (const panel of panels) {
      const size = SIZES[panel.kind ?? 'timeseries'];
      if (x + size.w > WIDE) {
        y += tallest;
        x = 0;
        tallest = 0;
      }
      laid.push(toPanel(panel, { x, y, ...size }));
      x += size.w;
      tallest = Math.max(tallest, size.h);
    }
    y += tallest;
  }
  return laid.map((panel, index) => ({ id: index + 1, ...panel }));
}

function toPanel(
  { title, description, unit, kind = 'timeseries', targets, thresholds }: Panel,
  gridPos: object,
) {
  const isNow = kind !== 'timeseries';
  return {
    type: TYPES[kind],
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(kind === 'timeseries' ? { custom: { fillOpacity: 10, showPoints: 'never' } } : {}),
        ...(thresholds ? toThresholds(thresholds) : {}),
      },
      overrides: [],
    },
    options: kind === 'stat' ? { colorMode: 'value', reduceOptions: { calcs: ['lastNotNull'] } } : {},
    targets: targets.map((target, index) => toTarget(target, index, isNow)),
    ...(kind === 'list'
      ? { transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }] }
      : {}),
  };
}

function toTarget({ expr, legend }: Target, index: number, isNow: boolean): object {
  return {
    refId: String.fromCharCode(65 + index),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend,
    ...(isNow ? { instant: true, range: false } : { instant: false, range: true }),
  };
}

function toThresholds([warn, bad]: readonly [number, number]): object {
  // Where less is worse, as of a promise kept, the colours go the other way.
  const [low, middle, high] = warn > bad ? ['red', 'yellow', 'green'] : ['green', 'yellow', 'red'];
  const [first, second] = warn > bad ? [bad, warn] : [warn, bad];
  const steps = [
    { color: low, value: null },
    { color: middle, value: first },
    { color: high, value: second },
  ];
  return { color: { mode: 'thresholds' }, thresholds: { mode: 'absolute', steps } };
}
