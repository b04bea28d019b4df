import { builtIn } from '../../src/built-in.ts';
import { implementSluiceIntegration } from '../../src/implement-sluice-integration.ts';

export default implementSluiceIntegration(builtIn('whatsapp'));
