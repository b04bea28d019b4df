import { defineSluiceIntegration } from '../src/define-sluice-integration.ts';
import { builtIn } from '../src/sluice-events.ts';

export default defineSluiceIntegration(builtIn('whatsapp'), { secret: ['verifyToken'] });
