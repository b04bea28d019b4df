import { z } from 'zod';
import { type ModeValues, readModes } from './modes.ts';

const DEFAULT_PORT = 3002;
const DEFAULT_KEEP = 20_000;

const whole = (min: number, max: number) =>
  z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`);

const environment = z
  .object({
    SLUICE_SANDBOX_PORT: whole(0, 65_535).default(DEFAULT_PORT),
    SLUICE_SANDBOX_HOST: z.string().default('127.0.0.1'),
    SLUICE_SANDBOX_DATA: z.string().optional(),
    SLUICE_SANDBOX_KEEP: whole(1, 10_000_000).default(DEFAULT_KEEP),
  })
  .transform((env) => ({
    port: env.SLUICE_SANDBOX_PORT,
    host: env.SLUICE_SANDBOX_HOST,
    dataFolder: env.SLUICE_SANDBOX_DATA,
    keep: env.SLUICE_SANDBOX_KEEP,
  }));

export type Settings = z.output<typeof environment> & { readonly modes: Partial<ModeValues> };

export type SettingsResult =
  | { readonly ok: true; readonly settings: Settings }
  /** One line per invalid variable, beginning with its name. */
  | { readonly ok: false; readonly issues: readonly string[] };

/** Reads the settings from environment variables. An empty variable counts as absent. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): SettingsResult {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(present);
  const { modes, issues } = readModes(present);
  if (parsed.success && issues.length === 0) return { ok: true, settings: { ...parsed.data, modes } };
  const others = parsed.error?.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`) ?? [];
  return { ok: false, issues: [...others, ...issues] };
}
