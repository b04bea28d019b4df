// Loaded with --require before an app: makes BullMQ appear as a version that Sluice was not tested with.
require('../node_modules/bullmq/package.json').version = '6.99.0';
