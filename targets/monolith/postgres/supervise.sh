# Runs one throw-away PostgreSQL and outlives whoever started it, to clean up after them.
#
#   sh -c "$(cat supervise.sh)" supervise FOLDER BIN PORT
#
# When standard input ends (the starter stopped us, or died in any way, SIGKILL included),
# PostgreSQL is stopped within two seconds and FOLDER is removed. When PostgreSQL ends by
# itself, FOLDER is removed as well and its exit status is handed on.
folder=$1
bin=$2
port=$3
exec 3<&0

(
  "$bin/initdb" -D "$folder/data" -U app --pwfile "$folder/password" -A scram-sha-256 \
    --no-sync -E UTF8 --locale=C >/dev/null || exit 1
  # Only a unix socket in our own folder: no port to be taken, nobody else can connect.
  exec "$bin/postgres" -D "$folder/data" -k "$folder" -p "$port" -c listen_addresses= \
    -c max_connections=60 -c shared_buffers=64MB -c timezone=UTC -c max_wal_size=256MB
) </dev/null 3<&- &
database=$!

(
  cat <&3 >/dev/null
  # SIGINT is PostgreSQL's fast stop. It is sent again because initdb may still be running.
  tries=0
  while [ $tries -lt 12 ] && kill -INT $database; do
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -KILL $database
) 2>/dev/null &
watcher=$!
exec 3<&- </dev/null

wait $database
status=$?
kill $watcher 2>/dev/null

# What was just killed may still be creating files.
tries=0
while [ $tries -lt 20 ] && ! rm -rf "$folder" 2>/dev/null; do
  sleep 0.05
  tries=$((tries + 1))
done
exit $status
