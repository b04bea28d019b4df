import { Client } from '@botpress/client';
import { Integration, isApiError, RuntimeError } from '@botpress/sdk';
import { implementSluiceIntegration } from '../../src/implement-sluice-integration.ts';
import { builtIn } from '../../src/sluice-events.ts';

export default implementSluiceIntegration(builtIn('whatsapp'), {
  Client,
  Integration,
  isApiError,
  RuntimeError,
});
