# Stands in for web.py where there is no python3.
echo "ticker ready, process $$"
while sleep 0.5; do echo "tick $((++count))"; done
