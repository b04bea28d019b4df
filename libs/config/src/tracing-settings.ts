import type { EnvironmentReader } from './environment-reader.ts';
import { httpUrlProblem } from './http-url.ts';

export interface TracingSettings {
  readonly isOn: boolean;
  /** Where spans are sent by OTLP over HTTP; no slash at its end. */
  readonly endpoint: string;
}

/** Reads SLUICE_TRACING and OTEL_EXPORTER_OTLP_ENDPOINT, which is OpenTelemetry's own, as a part of an app's settings. */
export function tracingSettings(reader: EnvironmentReader): TracingSettings {
  const endpoint = reader.text('OTEL_EXPORTER_OTLP_ENDPOINT', {
    default: 'http://127.0.0.1:4318',
    problem: httpUrlProblem,
    wanted: 'the http:// or https:// address of a collector, without user, password and query',
  });
  return {
    isOn: reader.choice('SLUICE_TRACING', ['on', 'off'], 'off') === 'on',
    endpoint: endpoint.replace(/\/+$/, ''),
  };
}
