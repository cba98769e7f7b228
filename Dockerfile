# One static program and nothing else. docker build -t statusd .   (or: make image)
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN mkdir -p /image/root /image/owned && mkdir -m 1777 /image/root/tmp && mkdir -m 0700 /image/owned/data
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X statusd/app/cli.version=${VERSION}" -o /image/root/statusd .

FROM scratch
ARG VERSION=dev
LABEL org.opencontainers.image.title="statusd" \
      org.opencontainers.image.description="A self-hosted status page" \
      org.opencontainers.image.version="${VERSION}"
# /tmp keeps its mode because it is inside the folder that is copied. Roots of trust and time zones are in the program.
COPY --from=build /image/root/ /
COPY --from=build --chown=65532:65532 /image/owned/ /
ENV STATUSD_DATA=/data
USER 65532:65532
EXPOSE 8080
VOLUME /data
# Builders that write OCI images drop this; docker-compose.yml says it too.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["/statusd", "healthcheck"]
ENTRYPOINT ["/statusd"]
CMD ["serve"]
