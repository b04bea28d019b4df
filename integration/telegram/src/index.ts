import { implementSluiceIntegration } from '../../src/implement-sluice-integration.ts';
import { builtIn } from '../../src/sluice-events.ts';

export default implementSluiceIntegration(builtIn('telegram'));
