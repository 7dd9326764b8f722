import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.ESTOVER_URL ?? 'http://localhost:8080';

/** `npm run dev` passes everything that is not the console on to a running server, `ESTOVER_URL`. */
export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // The server's content policy takes fonts and images from files of its own, so nothing is inlined.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(
      ['/api', '/auth', '/openapi.json', '/readyz', '/healthz'].map((path) => [path, { target: server }]),
    ),
  },
});
