# With an engine: docker build -t dashcache .    Without one: npm run image    How to run it: docs/container.md
# Secrets (both optional): npmrc, how npm reaches its registry; certificates, authorities to trust. Neither stays in a layer.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# `npm install`, not `npm ci`, for the reason that .ci/run gives; the lock file decides all the same.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=certificates \
    --mount=type=cache,target=/root/.npm \
    npm install --include=dev --ignore-scripts --no-update-notifier
COPY . .
# The service loads its demo only when asked for, and the image has none.
RUN npm run build \
    && rm -rf dist/demo \
    && find dist -name '*.d.ts' -delete \
    && node scripts/keep-production.mjs

FROM node:24-bookworm-slim
# Nothing here says who may read: beyond loopback the service starts only when AUTH is given on purpose.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    DASHCACHE_CONFIG=/dashboards \
    DATA_DIR=/data
RUN install -d -o node -g node /data \
    && install -d /app /dashboards \
    && ln -s /app/dist/cli/dashcache.js /usr/local/bin/dashcache
WORKDIR /app
# Owned by root: who serves cannot change what is served by.
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE CHANGELOG.md ./
# In numbers, as Kubernetes' runAsNonRoot wants it.
USER 1000:1000
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["node", "/app/dist/cli/container-health.js"]
ENTRYPOINT ["node", "/app/dist/cli/dashcache.js"]
CMD ["serve"]
