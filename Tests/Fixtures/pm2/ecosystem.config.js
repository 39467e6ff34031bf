console.log('an ecosystem file may print what it likes: [{"name": "noise"}]');
const { join } = require('path');

module.exports = {
  apps: [
    {
      name: 'api',
      script: './server.js',
      args: "--port 3000 --title 'two words' \"and more\"",
      node_args: '--max-old-space-size=256 --enable-source-maps',
      instances: 2,
      exec_mode: 'cluster',
      max_memory_restart: '300M',
      min_uptime: '10s',
      env: { NODE_ENV: 'development', PORT: 3000, DEBUG: true },
      env_production: { NODE_ENV: 'production' },
      wait_ready: true,
      out_file: join('logs', 'api.log'),
    },
    { script: 'worker.py', interpreter_args: ['-u'], stop_exit_codes: [0, 2], autorestart: true, cron: '0 * * * *' },
    { name: 'tick', script: 'sleep', args: ['1000'], kill_timeout: 3000, watch: ['src'], user: 'root' },
  ],
  deploy: { production: { user: 'node', host: '10.0.0.1' } },
};
