/** What tracing needs, and Sluice does without: 28 MB. Versions are those of this room's package.json. */
export interface TracingPackages {
  readonly api: typeof import('@opentelemetry/api');
  readonly sdk: typeof import('@opentelemetry/sdk-trace-base');
  readonly exporter: typeof import('@opentelemetry/exporter-trace-otlp-http');
  readonly resources: typeof import('@opentelemetry/resources');
}

async function importPackages(): Promise<TracingPackages> {
  const [api, sdk, exporter, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  return { api, sdk, exporter, resources };
}

/**
 * Imports the packages of OpenTelemetry.
 *
 * @throws an Error whose message says how to install them, if they are not there
 */
export async function importTracingPackages(): Promise<TracingPackages> {
  try {
    return await importPackages();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(
      'SLUICE_TRACING is on, but the packages of OpenTelemetry are not installed  — see docs/how-to/enable-tracing.md for the command, or set SLUICE_TRACING to off',
    );
  }
}
