import '@fontsource-variable/inter/index.css';
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import '@mantine/spotlight/styles.layer.css';
import './theme/tokens.css';
import './theme/global.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { meQuery } from './account.tsx';
import { queryClient } from './api.ts';
import { needsSignIn } from './problems.ts';
import { router } from './routes.tsx';
import { cssVariablesResolver, theme } from './theme/theme.ts';

const element = document.getElementById('root');
if (element === null) throw new Error('index.html has no element with the id root');

// A session that ends while the console is open leads back to sign-in, and from there to the page it ended on.
queryClient.getQueryCache().subscribe((event) => {
  if (event.type !== 'updated' || event.action.type !== 'error' || !needsSignIn(event.action.error)) return;
  const { pathname, href } = router.state.location;
  if (event.query.queryKey[0] === meQuery.queryKey[0] || pathname === '/sign-in') return;
  void router.navigate({ to: '/sign-in', search: { next: href } });
});

createRoot(element).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
