# Tests and pages are made side by side; the image needs both.
FROM node:22-slim AS deps
WORKDIR /app
COPY package*.json ./
RUN npm ci

FROM deps AS source
COPY . .

FROM source AS test
RUN npm test && touch tested.txt

FROM source AS build
RUN npm run build

FROM nginx:alpine
COPY --from=build /app/dist /usr/share/nginx/html
COPY --from=test /app/tested.txt /tmp/
