import { AggregatorRegistry, type Registry } from 'prom-client';
import type { HealthChecks } from '../health.ts';
import { reportHealth } from './told-health.ts';

/** In one of several processes: tells the first how this one is, and its metrics when they are asked for. */
export function reportToPrimary(registry: Registry, health: HealthChecks): void {
  AggregatorRegistry.setRegistries(registry);
  // Being made it listens for who asks.
  new AggregatorRegistry();
  reportHealth(health);
}
