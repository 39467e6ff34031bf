# A worker with a bug: the third job ends it.
echo "worker ready, process $$"
for job in 1 2 3; do
    sleep 0.3
    if [ "$job" = 3 ]; then
        echo "job 3: out of cheese" >&2
        exit 7
    fi
    echo "job $job: done"
done
